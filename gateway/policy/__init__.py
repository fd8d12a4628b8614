"""Policy: which numbers this gateway faxes to (`numbers.allow`, `numbers.deny`, dangerous kinds). Pure."""

from gateway.policy.numbers import Allowed, Denied, NumberPolicy, judge_number

__all__ = ["Allowed", "Denied", "NumberPolicy", "judge_number"]
