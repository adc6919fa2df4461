"""Strategic games for several players, in text: PettingZoo and single-agent views over OpenSpiel."""
