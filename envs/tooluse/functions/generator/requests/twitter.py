"""What users ask of a place for short posts."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request("Post: '{text}'", "Let my followers read this: '{text}'", post_tweet={"content": "$text"}),
    request(
        "Post with the tag {tag}: '{text}'",
        "Let my followers read this under {tag}: '{text}'",
        post_tweet={"content": "$text", "tags": ["$tag"]},
    ),
    request(
        "Repost the post {tweet}.", "Post number {tweet} is good: repost it.", retweet={"tweet_id": "$tweet"}
    ),
    request(
        "Comment on the post {tweet}: '{text}'",
        "Leave this comment under post {tweet}: '{text}'",
        comment={"tweet_id": "$tweet", "comment_content": "$text"},
    ),
    request("Show the post {tweet}.", "What does post number {tweet} say?", get_tweet={"tweet_id": "$tweet"}),
    request(
        "Follow {person}.",
        "I want to read what {person} posts: follow.",
        follow_user={"username_to_follow": "$person"},
    ),
    request(
        "Unfollow {followed}.",
        "I have had enough of {followed}: unfollow.",
        unfollow_user={"username_to_unfollow": "$followed"},
    ),
    request(
        "Search the posts for {word}.", "Which posts speak of {word}?", search_tweets={"keyword": "$word"}
    ),
    request(
        "Show the post {tweet} and repost it.",
        "Let me read post {tweet}, and repost it.",
        get_tweet={"tweet_id": "$tweet"},
        retweet={"tweet_id": "$tweet"},
    ),
)
