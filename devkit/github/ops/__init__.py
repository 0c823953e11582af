"""Changes to the world, the same for REST calls, the web pages and the admin surface; each sends its webhooks."""
