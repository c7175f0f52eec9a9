#include "scp/commitment_desk.h"

#include <utility>

#include "config/backoff.h"
#include "core/base/log.h"

namespace veilroute::scp {
namespace {

/// Reports are small, and a source that is off at night is there in the morning.
constexpr config::RetryPolicy kReportRetry{std::chrono::seconds(30), std::chrono::hours(1), 0};

store::CommitmentPolicy policy_of(const config::Config& config) {
  using Mode = config::CommitmentSettings::Mode;
  const config::CommitmentSettings& settings = config.commitment;
  store::CommitmentPolicy policy;
  if (settings.mode == Mode::custody) policy.mode = store::CommitmentMode::custody;
  if (settings.mode == Mode::archive) policy.mode = store::CommitmentMode::archive;
  policy.custody = settings.custody;
  policy.longest_wait = settings.archive_within;
  for (const config::Destination& one : config.destinations) {
    if (one.archive) policy.archives.push_back(one.name);
  }
  return policy;
}

}  // namespace

CommitmentDesk::CommitmentDesk(std::shared_ptr<const config::Config> config,
                               store::Catalog& catalog, Clock& clock)
    : config_(std::move(config)),
      book_(catalog.commitments()),
      clock_(clock),
      policy_(policy_of(*config_)) {}

CommitmentDesk::Claim& CommitmentDesk::Claim::operator=(Claim&& other) noexcept {
  give_back();
  desk_ = std::exchange(other.desk_, nullptr);
  id_ = other.id_;
  return *this;
}

void CommitmentDesk::Claim::give_back() {
  if (desk_ != nullptr) std::exchange(desk_, nullptr)->release(id_);
}

std::optional<CommitmentDesk::Claim> CommitmentDesk::claim(store::CommitmentId id) {
  const std::lock_guard lock(mutex_);
  if (!in_hand_.insert(id).second) return std::nullopt;
  return std::optional<Claim>(std::in_place, *this, id);
}

void CommitmentDesk::release(store::CommitmentId id) {
  const std::lock_guard lock(mutex_);
  in_hand_.erase(id);
}

const config::ReportPlace* CommitmentDesk::place_of(const SourceName& source) const {
  const config::Source* found = config_->find(source);
  return found && found->report ? &*found->report : nullptr;
}

void CommitmentDesk::note_reported(const store::Commitment& commitment, const std::string& way) {
  store::ReportResult result;
  result.state = store::CommitmentState::reported;
  result.due_at = clock_.now();
  result.way = way;
  finish(commitment, result);
  log::info("commitment.reported",
            {{"commitment", commitment.id},
             {"source", commitment.source},
             {"attempt", std::uint64_t{commitment.attempts} + 1},
             {"objects", std::uint64_t{commitment.references.size()}},
             {"failed", std::uint64_t{commitment.failures()}},
             log::Field::text("way", way)});
}

void CommitmentDesk::note_failed(const store::Commitment& commitment, const Error& error) {
  const TimePoint now = clock_.now();
  store::ReportResult result;
  result.slug = error.slug;
  result.due_at = config::next_attempt_at(now, commitment.attempts + 1, kReportRetry);
  const bool over = now >= commitment.settled_at + config_->commitment.report_for;
  if (over) result.state = store::CommitmentState::given_up;
  finish(commitment, result);
  log::write(over ? log::Level::error : log::Level::warn,
             over ? "commitment.given-up" : "commitment.report-deferred",
             {{"commitment", commitment.id},
              {"source", commitment.source},
              {"attempt", std::uint64_t{commitment.attempts} + 1},
              {"error_kind", error.kind},
              log::Field::text("slug", error.slug)});
}

void CommitmentDesk::finish(const store::Commitment& commitment,
                            const store::ReportResult& result) {
  const auto written = book_.finish_report(commitment.id, result);
  if (written.ok()) return;
  // It stays due: the source is told once more than it needs to be.
  log::error("commitment.not-written", {{"commitment", commitment.id},
                                        {"error_kind", written.error().kind},
                                        log::Field::text("slug", written.error().slug)});
}

}  // namespace veilroute::scp
