"""The generic simulator of random worlds, which writes down its steps at the end."""

import json

from generic import Generic


class Logged(Generic):
    made = 0

    def create(self, num, model):
        self.made += num
        return super().create(self.made, model)[-num:]

    def finalize(self):
        with open(self.sid + ".json", "w") as f:
            json.dump(self.log, f)
