"""What a process of Type=notify and systemd say to each other: signs of life, and sockets that are handed over."""
