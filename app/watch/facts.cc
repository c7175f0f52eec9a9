#include "app/watch/facts.h"

#include <algorithm>

#include "app/site.h"
#include "core/dicom/certificate_facts.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

void note_certificate(WatchFacts& facts, const std::string& whose, const char* which,
                      const fs::path& file) {
  if (file.empty()) return;
  WatchFacts::Certificate found{whose, which, {}, false};
  const auto certificates = dicom::read_certificates(file);
  if (certificates.ok()) {
    found.readable = true;
    found.expires = TimePoint::max();
    for (const auto& each : *certificates) found.expires = std::min(found.expires, each.expires);
  }
  facts.certificates.push_back(std::move(found));
}

void note_approval(WatchFacts& facts, const config::Destination& destination) {
  WatchFacts::Approval approval{destination.name.value, {}, destination.gate.has_value()};
  if (approval.there) {
    approval.ends = std::chrono::sys_days(destination.gate->valid_until) + std::chrono::days(1);
  }
  facts.approvals.push_back(std::move(approval));
}

/// Of the files that lie in the folder; what goes away meanwhile is not counted.
std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    const std::uint64_t size = at->file_size(gone);
    if (!gone) sum += size;
  }
  return sum;
}

Result<WatchFacts::Disk> disk_of(const fs::path& folder, const char* what, std::uint64_t reserve,
                                 std::uint64_t quota) {
  std::error_code failed;
  const fs::space_info space = fs::space(folder, failed);
  if (failed) {
    return make_error(ErrorKind::unavailable, "file.failed",
                      folder.string() + ": the disk does not say how much is free");
  }
  return WatchFacts::Disk{what, space.available, reserve, bytes_in(folder), quota};
}

}  // namespace

WatchFacts facts_of(const config::Config& config, TimePoint now) {
  WatchFacts facts;
  facts.at = now;
  for (const config::Listener& listener : config.listeners) {
    const std::string whose = "listener " + listener.name.value;
    note_certificate(facts, whose, "cert", listener.cert);
    note_certificate(facts, whose, "client_ca", listener.client_ca);
  }
  for (const config::Destination& destination : config.destinations) {
    const std::string whose = "destination " + destination.name.value;
    note_certificate(facts, whose, "cert", destination.cert);
    note_certificate(facts, whose, "ca", destination.ca);
    note_approval(facts, destination);
  }
  return facts;
}

Result<WatchFacts> facts_of(Site& site) {
  const config::Config& config = site.config();
  WatchFacts facts = facts_of(config, site.clock().now());
  const fs::path& state = config.site.data_dir;
  VR_TRY(auto spool,
         disk_of(state / "spool", "spool", config.spool.reserve_bytes, config.spool.quota_bytes));
  VR_TRY(auto outbox, disk_of(state / "outbox", "outbox", config.spool.reserve_bytes,
                              config.outbox.quota_bytes));
  facts.disks = {std::move(spool), std::move(outbox)};
  VR_TRY(facts.work, site.catalog().open_work());
  const Result<void> accepting = site.catalog().accepting();
  if (!accepting.ok()) facts.not_accepting = accepting.error().slug;
  return facts;
}

}  // namespace veilroute::app
