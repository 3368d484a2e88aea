"""Tables to figures; each as SVG, PDF, PNG and the numbers drawn in it."""
