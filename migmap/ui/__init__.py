"""The window: PySide6 widgets over the workbench. Only this room and paint know Qt."""
