"""The OpenSpiel games that can be played in text, as data: registration must not import OpenSpiel.

Left out are mean-field games, which have no seats; games without a text for a player; games read from files;
the games that `envs.games.curated` registers under the same names; and python_iterated_prisoners_dilemma,
which says nothing to its players and whose returns are not the sums of its rewards.
"""

from __future__ import annotations

from typing import Final

__all__ = ["SIMULTANEOUS", "TURN_BASED", "WRAPPERS"]

TURN_BASED: Final = (
    "amazons", "antichess", "backgammon", "banqi", "battleship", "blackjack", "breakthrough", "bridge",
    "bridge_uncontested_bidding", "catch", "checkers", "chinese_checkers", "cliff_walking", "clobber",
    "coin_game", "colored_trails", "coop_to_1p", "coordinated_mp", "crazy_eights", "crazyhouse",
    "cribbage", "cursor_go", "dark_chess", "dark_hex", "dark_hex_ir", "deep_sea", "dots_and_boxes",
    "dou_dizhu", "einstein_wurfelt_nicht", "euchre", "first_sealed_auction", "gin_rummy", "go", "go_fish",
    "gomoku", "havannah", "hearts", "hex", "hive", "kriegspiel", "latent_ttt", "lewis_signaling",
    "liars_dice_ir", "lines_of_action", "maedn", "mancala", "mnk", "morpion_solitaire", "negotiation",
    "nine_mens_morris", "oh_hell", "othello", "oware", "pentago", "phantom_go", "phantom_ttt",
    "phantom_ttt_ir", "pig", "python_ant_foraging", "python_block_dominoes", "python_hangman",
    "python_kuhn_poker", "python_liars_poker", "python_team_dominoes", "python_tic_tac_toe", "rbc",
    "repeated_leduc_poker", "sheriff", "shogi", "skat", "social_deduction", "solitaire", "spades",
    "stones_and_gems", "tarok", "tiny_bridge_2p", "tiny_bridge_4p", "tiny_hanabi", "trade_comm", "twixt",
    "ultimate_tic_tac_toe", "universal_poker", "xiangqi", "y", "yacht",
)  # fmt: skip
"""Games in which one seat acts at a time."""

SIMULTANEOUS: Final = (
    "blotto", "coop_box_pushing", "markov_soccer", "matching_pennies_3p", "matrix_bos", "matrix_brps",
    "matrix_cd", "matrix_coordination", "matrix_mp", "matrix_pd", "matrix_rps", "matrix_rpsw",
    "matrix_sh", "matrix_shapleys_game", "oshi_zumo", "pathfinding", "snake",
)  # fmt: skip
"""Games in which several seats may act at once."""

WRAPPERS: Final = (
    "add_noise", "cached_tree", "misere", "normal_form_extensive_game", "repeated_game", "start_at",
    "turn_based_simultaneous_game", "zerosum",
)  # fmt: skip
"""Games made of another game, named by a parameter, e.g. game="kuhn_poker()"; it decides who acts when."""
