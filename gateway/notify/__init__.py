"""Words to senders: delivery status notifications of ours (RFC 3464), and what sends them to the smarthost."""
