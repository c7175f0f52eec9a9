#include "app/watch/conditions.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "core/base/counted.h"

namespace veilroute::app {
namespace {

using std::chrono::days;
using std::chrono::duration_cast;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;

std::string age_text(Duration age) {
  if (age >= days(2)) return std::to_string(duration_cast<days>(age).count()) + " days";
  if (age >= hours(2)) return std::to_string(duration_cast<hours>(age).count()) + " h";
  return std::to_string(std::max<std::int64_t>(duration_cast<minutes>(age).count(), 0)) + " min";
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; }

class Judge {
 public:
  explicit Judge(const WatchFacts& facts) : facts_(facts) {}

  std::vector<Condition> all() && {
    if (!facts_.not_accepting.empty()) {
      add("watch.not-accepting", Severity::critical, "this node", facts_.not_accepting);
    }
    for (const auto& disk : facts_.disks) disk_room(disk);
    for (const auto& certificate : facts_.certificates) this->certificate(certificate);
    for (const auto& approval : facts_.approvals) this->approval(approval);
    for (const auto& group : facts_.work.transfers) transfers(group);
    for (const auto& [reason, studies] : facts_.work.held_studies) {
      add("watch.studies-held", Severity::warning, reason,
          std::to_string(studies) + (studies == 1 ? " study" : " studies"));
    }
    std::sort(found_.begin(), found_.end(), [](const Condition& a, const Condition& b) {
      return std::tie(b.severity, a.slug, a.subject) < std::tie(a.severity, b.slug, b.subject);
    });
    return std::move(found_);
  }

 private:
  void add(const char* slug, Severity severity, std::string subject, std::string detail) {
    found_.push_back({slug, severity, std::move(subject), std::move(detail)});
  }

  void disk_room(const WatchFacts::Disk& disk) {
    constexpr std::uint64_t kNear = 2;  // times the reserve
    const std::string free = mebibytes(disk.free_bytes) + " free, " +
                             mebibytes(disk.reserve_bytes) + " are kept in reserve";
    if (disk.free_bytes <= disk.reserve_bytes) {
      add("watch.disk-full", Severity::critical, disk.what, free);
    } else if (disk.free_bytes <= kNear * disk.reserve_bytes) {
      add("watch.disk-low", Severity::warning, disk.what, free);
    }
    if (disk.quota_bytes == 0 || disk.used_bytes < disk.quota_bytes / 10 * 9) return;
    const std::string used =
        mebibytes(disk.used_bytes) + " of " + mebibytes(disk.quota_bytes) + " are used";
    const bool full = disk.used_bytes >= disk.quota_bytes;
    add("watch.quota-low", full ? Severity::critical : Severity::warning, disk.what, used);
  }

  /// What ends at some time: told of in good time, and when it has.
  void ending(const char* ending_slug, const char* ended_slug, const std::string& subject,
              TimePoint end) {
    const auto left = floor<days>(end - facts_.at);
    if (end <= facts_.at) {
      add(ended_slug, Severity::critical, subject, "since " + to_text(end).substr(0, 10));
    } else if (left < kNoticeBefore) {
      add(ending_slug, left < kWarnBefore ? Severity::warning : Severity::notice, subject,
          counted(static_cast<std::uint64_t>(left.count()), "day") + " left");
    }
  }

  void certificate(const WatchFacts::Certificate& certificate) {
    const std::string subject = certificate.which + " of " + certificate.whose;
    if (!certificate.readable) {
      return add("watch.certificate-unreadable", Severity::critical, subject, "");
    }
    ending("watch.certificate-ends", "watch.certificate-ended", subject, certificate.expires);
  }

  void approval(const WatchFacts::Approval& approval) {
    const std::string subject = "destination " + approval.destination;
    if (!approval.there) return add("watch.not-approved", Severity::notice, subject, "");
    ending("watch.approval-ends", "watch.approval-ended", subject, approval.ends);
  }

  void transfers(const store::OpenWork::Group& group) {
    const std::string subject = "destination " + group.destination.value;
    const std::string how_many = counted(group.transfers, "transfer") + ", the oldest since " +
                                 age_text(facts_.at - group.oldest);
    switch (group.state) {
      case store::TransferState::blocked:
        if (group.reason == store::kQuarantine) {
          return add("watch.quarantine", Severity::warning, subject, how_many);
        }
        return add("watch.blocked", Severity::warning, subject + ", " + group.reason, how_many);
      case store::TransferState::deferred:
        if (group.most_attempts < kAttemptsOfTrouble) return;
        return add("watch.destination-away", Severity::warning,
                   subject + (group.reason.empty() ? "" : ", " + group.reason), how_many);
      default:
        break;
    }
    // Nothing has failed, and yet it has not gone.
    if (facts_.at - group.oldest < hours(6)) return;
    add("watch.backlog", Severity::warning, subject, how_many);
  }

  const WatchFacts& facts_;
  std::vector<Condition> found_;
};

}  // namespace

std::string_view to_string(Severity severity) {
  static constexpr std::array<std::string_view, 3> kWords = {"notice", "warning", "critical"};
  return kWords.at(static_cast<std::size_t>(severity));
}

std::vector<Condition> conditions_of(const WatchFacts& facts) { return Judge(facts).all(); }

}  // namespace veilroute::app
