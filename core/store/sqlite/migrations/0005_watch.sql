-- What `doctor` and the watch ask for every few seconds.

CREATE INDEX studies_held ON studies (hold) WHERE state = 3;
