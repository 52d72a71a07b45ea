"""Labels and forms with sample numbers: designs as data, laid out in whole dots, printed, and read again."""
