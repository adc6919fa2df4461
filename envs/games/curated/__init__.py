"""Games with words of their own, one file each: rules, rendering, action words, expert."""
