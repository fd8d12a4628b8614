"""Policy: who may fax what to where, when and how much (docs/policy.md). Pure: what was used so far is told to it."""

from gateway.policy.numbers import NumberPolicy, judge_number, looks_at_number
from gateway.policy.verdict import Allowed, Denied, Look

__all__ = ["Allowed", "Denied", "Look", "NumberPolicy", "judge_number", "looks_at_number"]
