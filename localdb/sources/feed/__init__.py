"""The feeding machine (DESIGN §7, D12): listens and watches, gives what comes to the intake, and cuts.

One process owns the intake. Listeners and folders read in threads of their own and hand readings to the one writer;
an answer leaves only after its commit. Cuts run in a child process, so that no acknowledgement waits for one. What
breaks in one feed is logged by its kind, never by its content, and stops no other.
"""
