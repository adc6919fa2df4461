"""How the tables of older stores become those of today, one file a step; run by `leaderboard.schema`."""
