"""How a file is read, as a person sees and corrects it: the parts of the reading dialog."""
