"""Every sentence the bot says: catalogs in English and Spanish, and pure functions that render stored facts."""
