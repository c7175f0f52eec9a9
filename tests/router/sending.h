// One attempt of a sender, and what it told of each object.
#pragma once

#include "router/sender.h"

namespace veilroute::router {

struct Sent {
  store::AttemptResult result;
  std::vector<store::ObjectOutcome> objects;
};

inline Sent send(Sender& sender, const std::vector<Parcel>& parcels,
                 const std::stop_token& stop = {}) {
  Sent out;
  out.result = sender.send(
      parcels,
      [&](const store::ObjectOutcome& outcome) -> Result<void> {
        out.objects.push_back(outcome);
        return {};
      },
      stop);
  return out;
}

}  // namespace veilroute::router
