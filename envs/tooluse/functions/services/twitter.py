"""TwitterAPI: short public posts, comments and followers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from agentgym.errors import DataError
from envs.tooluse.functions.services.filler import Filler
from envs.tooluse.functions.services.service import Answer, FunctionService, Scenario

__all__ = ["TwitterAPI"]


class TwitterAPI(FunctionService):
    """Post, comment, repost, follow and search."""

    about: ClassVar[str] = "Short public posts, comments and followers."
    defaults: ClassVar[Mapping[str, Any]] = {
        "username": "john",
        "password": "john123",
        "authenticated": False,
        "tweets": {},
        "comments": {},
        "retweets": {},
        "following_list": ["alice", "bob"],
        "tweet_counter": 0,
    }

    username: str
    password: str
    authenticated: bool
    tweets: dict[int, dict[str, Any]]
    comments: dict[Any, Any]
    retweets: dict[str, list[int]]
    following_list: list[str]
    tweet_counter: int

    def __init__(self, scenario: Scenario | None = None, *, filler: Filler | None = None) -> None:
        super().__init__(scenario, filler=filler)
        try:
            self.tweets = {int(number): tweet for number, tweet in self.tweets.items()}
        except ValueError as error:
            raise DataError(f"A key of `tweets` of TwitterAPI is no number: {error}.") from error

    def authenticate_twitter(self, username: str, password: str) -> Answer:
        """Log in.

        Args:
            username: Name of the user.
            password: Password of the user.
        """
        known = username == self.username and password == self.password
        self.authenticated = self.authenticated or known
        return {"authentication_status": known}

    def posting_get_login_status(self) -> Answer:
        """Tell whether the user is logged in."""
        return {"login_status": bool(self.authenticated)}

    def post_tweet(
        self, content: str, tags: list[str] | None = None, mentions: list[str] | None = None
    ) -> Answer:
        """Post a text.

        Args:
            content: The text.
            tags: Tags of the post; each starts with "#".
            mentions: Users that it mentions; each starts with "@".
        """
        if not self.authenticated:
            return _refused("posting")
        tweet = {
            "id": self.tweet_counter,
            "username": self.username,
            "content": content,
            "tags": list(tags or ()),
            "mentions": list(mentions or ()),
        }
        self.tweets[self.tweet_counter] = tweet
        self.tweet_counter += 1
        return tweet

    def retweet(self, tweet_id: int) -> Answer:
        """Repost a post.

        Args:
            tweet_id: Id of the post.
        """
        if not self.authenticated:
            return _refused("retweeting")
        if tweet_id not in self.tweets:
            return _unknown(tweet_id)
        reposted = self.retweets.setdefault(self.username, [])
        if tweet_id in reposted:
            return {"retweet_status": "Already retweeted"}
        reposted.append(tweet_id)
        return {"retweet_status": "Successfully retweeted"}

    def comment(self, tweet_id: int, comment_content: str) -> Answer:
        """Comment on a post.

        Args:
            tweet_id: Id of the post.
            comment_content: The comment.
        """
        if not self.authenticated:
            return _refused("commenting")
        if tweet_id not in self.tweets:
            return _unknown(tweet_id)
        remark = {"username": self.username, "content": comment_content}
        self.comments.setdefault(tweet_id, []).append(remark)
        return {"comment_status": "Comment added successfully"}

    def mention(self, tweet_id: int, mentioned_usernames: list[str]) -> Answer:
        """Mention users in a post.

        Args:
            tweet_id: Id of the post.
            mentioned_usernames: The users.
        """
        if tweet_id not in self.tweets:
            return _unknown(tweet_id)
        self.tweets[tweet_id]["mentions"].extend(mentioned_usernames)
        return {"mention_status": "Users mentioned successfully"}

    def follow_user(self, username_to_follow: str) -> Answer:
        """Follow a user.

        Args:
            username_to_follow: Name of the user.
        """
        if not self.authenticated:
            return _refused("following")
        if username_to_follow in self.following_list:
            return {"follow_status": False}
        self.following_list.append(username_to_follow)
        return {"follow_status": True}

    def list_all_following(self) -> Answer:
        """List the users that the user follows."""
        if not self.authenticated:
            return _refused("listing following")
        return {"following_list": self.following_list}

    def unfollow_user(self, username_to_unfollow: str) -> Answer:
        """Stop following a user.

        Args:
            username_to_unfollow: Name of the user.
        """
        if not self.authenticated:
            return _refused("unfollowing")
        if username_to_unfollow not in self.following_list:
            return {"unfollow_status": False}
        self.following_list.remove(username_to_unfollow)
        return {"unfollow_status": True}

    def get_tweet(self, tweet_id: int) -> Answer:
        """Show a post.

        Args:
            tweet_id: Id of the post.
        """
        return self.tweets.get(tweet_id) or _unknown(tweet_id)

    def get_user_tweets(self, username: str) -> list[Answer]:
        """Show the posts of a user.

        Args:
            username: Name of the user.
        """
        return [tweet for tweet in self.tweets.values() if tweet["username"] == username]

    def search_tweets(self, keyword: str) -> list[Answer]:
        """Find the posts that contain a text, or have it as a tag, whatever its case.

        Args:
            keyword: The text.
        """
        wanted = keyword.lower()
        return [
            tweet
            for tweet in self.tweets.values()
            if wanted in tweet["content"].lower() or wanted in [tag.lower() for tag in tweet["tags"]]
        ]

    def get_tweet_comments(self, tweet_id: int) -> Answer | list[Answer]:
        """Show the comments on a post.

        Args:
            tweet_id: Id of the post.
        """
        if tweet_id not in self.tweets:
            return _unknown(tweet_id)
        comments: list[Answer] = self.comments.get(tweet_id, [])
        return comments

    def get_user_stats(self, username: str) -> Answer:
        """Count the posts, followed users and reposts of a user.

        Args:
            username: Name of the user.
        """
        return {
            "tweet_count": len(self.get_user_tweets(username)),
            "following_count": len(self.following_list) if username == self.username else 0,
            "retweet_count": len(self.retweets.get(username, [])),
        }


def _refused(doing: str) -> Answer:
    return {"error": f"User not authenticated. Please authenticate before {doing}."}


def _unknown(tweet_id: int) -> Answer:
    return {"error": f"Tweet with ID {tweet_id} not found."}
