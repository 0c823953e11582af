"""`devtask eval`: bundled repositories, asked for and approved on the stage, judged on fresh clones of the branches."""
