"""Signed generations on plain storage: publish, verify, pull (DESIGN §7). Its parts come with a later issue."""
