"""抖音私信 (open.douyin.com): webhook in, quota-bound sends out, comments by polling (channels.md §2)."""
