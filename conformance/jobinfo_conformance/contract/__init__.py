"""What closing a job promises. No input or output happens here."""
