// What the watch looks at, taken at one time: disk, certificates, approvals, open work. Names are
// the configuration's own; nobody's identity.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/settings.h"
#include "core/store/open_work.h"

namespace veilroute::app {

class Site;

struct WatchFacts {
  struct Disk {
    std::string what;  ///< "spool", "outbox": which part of the site's state
    std::uint64_t free_bytes = 0;
    std::uint64_t reserve_bytes = 0;  ///< must stay free, or nothing more is taken
    std::uint64_t used_bytes = 0;     ///< by the folder's own files
    std::uint64_t quota_bytes = 0;    ///< 0: none
  };
  struct Certificate {
    std::string whose;  ///< "listener ward", "destination bone-specialist"
    std::string which;  ///< "cert", "ca", "client_ca": the key in its block
    TimePoint expires;  ///< of a file with several: the first that ends
    bool readable = true;
  };
  struct Approval {
    std::string destination;
    TimePoint ends;  ///< behind its last day, UTC
    bool there = false;
  };
  TimePoint at;
  std::vector<Disk> disks;
  std::vector<Certificate> certificates;
  std::vector<Approval> approvals;
  store::OpenWork work;
  std::string not_accepting;  ///< slug: why nothing more is acknowledged; empty: all is well
};

/// What the configuration alone says: certificates and approvals.
WatchFacts facts_of(const config::Config& config, TimePoint now);
/// The same, and the state of the opened site. Errors of the catalog and the disk.
Result<WatchFacts> facts_of(Site& site);

}  // namespace veilroute::app
