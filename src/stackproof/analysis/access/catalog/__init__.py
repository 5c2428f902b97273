"""What AWS itself defines, kept as data: its actions and the policies that it manages."""
