#include "scp/reporter.h"

#include <map>
#include <vector>

#include "core/base/log.h"
#include "core/dicom/upper_layer.h"
#include "scp/commitment_report.h"
#include "scp/commitment_request.h"

namespace veilroute::scp {
namespace {

constexpr Duration kReporterWaits = std::chrono::seconds(1);
constexpr std::size_t kMostPerRound = 100;
constexpr const char* kNewAssociation = "new-association";

/// A commitment whose answer stands, kept from others while we speak of it.
struct Due {
  CommitmentDesk::Claim claim;
  store::Commitment commitment;
};

void log_trouble(store::CommitmentId id, const Error& error) {
  log::error(
      "commitment.not-judged",
      {{"commitment", id}, {"error_kind", error.kind}, log::Field::text("slug", error.slug)});
}

/// An association with one source, for all that it is to be told.
class Telling {
 public:
  Telling(CommitmentDesk& desk, const config::ReportPlace& place, const dicom::Interrupt& stop)
      : desk_(desk), place_(place), stop_(stop) {}
  Result<void> open(const AeTitle& calling);
  /// False when it would not hear of it; an error when the association is gone.
  Result<bool> tell(const store::Commitment& commitment);
  void close() { association_->release(); }

 private:
  Result<void> choose_context();

  CommitmentDesk& desk_;
  const config::ReportPlace& place_;
  const dicom::Interrupt& stop_;
  std::unique_ptr<dicom::TlsContext> tls_;
  std::optional<dicom::Requestor> association_;
  std::uint8_t context_ = 0;
  Uid syntax_;
};

Result<void> Telling::open(const AeTitle& calling) {
  dicom::Call call;
  call.host = place_.address.host;
  call.port = place_.address.port;
  call.called = place_.called_ae;
  call.calling = calling;
  call.pin_sha256 = place_.cert_sha256;
  call.roles = {{Uid{std::string(kCommitmentClass)}, false, true}};
  if (place_.protocol == config::Protocol::dicom_tls) {
    VR_TRY(tls_, dicom::TlsContext::open(dicom::TlsContext::Side::sender,
                                         {place_.cert, place_.key, place_.ca}));
    call.tls = tls_.get();
  }
  const dicom::ProposedContext context{0,
                                       Uid{std::string(kCommitmentClass)},
                                       {Uid{std::string(dicom::kExplicitLittleEndian)},
                                        Uid{std::string(dicom::kImplicitLittleEndian)}}};
  VR_TRY(dicom::Requestor opened, dicom::Requestor::open(call, {context}, stop_));
  association_.emplace(std::move(opened));
  return choose_context();
}

Result<void> Telling::choose_context() {
  for (const std::string_view name : {dicom::kExplicitLittleEndian, dicom::kImplicitLittleEndian}) {
    syntax_ = Uid{std::string(name)};
    context_ = association_->context(Uid{std::string(kCommitmentClass)}, syntax_).value_or(0);
    if (context_ != 0) return {};
  }
  close();
  return make_error(ErrorKind::refused, "commitment.context-rejected",
                    "the source does not take reports of storage commitment there");
}

Result<bool> Telling::tell(const store::Commitment& commitment) {
  VR_TRY(const EventReport report,
         make_event_report(commitment, syntax_, association_->next_message_id()));
  MemorySource data(report.data);
  VR_TRY(association_->send(context_, report.command, &data));
  VR_TRY(const dicom::Command answer, association_->receive_answer(context_, report.command));
  if (answer.status == dicom::status::success) {
    desk_.note_reported(commitment, kNewAssociation);
    return true;
  }
  desk_.note_failed(commitment, report_refused(answer.status));
  return false;
}

Result<std::size_t> tell_all(Telling& telling, const std::vector<Due>& due, std::size_t& next) {
  VR_TRY(telling.open(due.front().commitment.called_ae));
  std::size_t told = 0;
  for (; next < due.size(); ++next) {
    VR_TRY(const bool heard, telling.tell(due[next].commitment));
    told += heard ? 1 : 0;
  }
  telling.close();
  return told;
}

/// All that one source is to be told; what it did not hear is tried again later.
std::size_t tell_source(CommitmentDesk& desk, const std::vector<Due>& due,
                        const dicom::Interrupt& stop) {
  std::size_t next = 0;
  Error error = make_error(ErrorKind::unavailable, "commitment.nowhere-to-report",
                           "the configuration does not say where the source takes reports");
  if (const config::ReportPlace* place = desk.place_of(due.front().commitment.source)) {
    Telling telling(desk, *place, stop);
    auto told = tell_all(telling, due, next);
    if (told.ok()) return *told;
    error = std::move(told).error();
  }
  // Our own stop says nothing about the source.
  if (stop.triggered()) return 0;
  for (std::size_t i = next; i < due.size(); ++i) desk.note_failed(due[i].commitment, error);
  return 0;
}

/// Settled now, or nothing when it waits, somebody else has it, or the catalog has a problem with
/// it.
std::optional<Due> take_due(CommitmentDesk& desk, store::CommitmentId id) {
  auto claim = desk.claim(id);
  if (!claim) return std::nullopt;
  auto commitment = desk.settle(id);
  if (!commitment.ok()) {
    log_trouble(id, commitment.error());
    return std::nullopt;
  }
  if (commitment->state != store::CommitmentState::settled) return std::nullopt;
  return Due{std::move(*claim), std::move(*commitment)};
}

}  // namespace

void report_loop(CommitmentDesk& desk, const std::stop_token& stop) {
  const dicom::Interrupt interrupt;
  const std::stop_callback on_stop(stop, [&] {
    interrupt.trigger();
    desk.bell().ring();
  });
  while (!stop.stop_requested()) {
    const auto round = report_round(desk, interrupt);
    if (!round.ok()) {
      log::error("commitment.round-failed", {{"error_kind", round.error().kind},
                                             log::Field::text("slug", round.error().slug)});
    }
    desk.bell().wait(kReporterWaits);
  }
}

Result<std::size_t> report_round(CommitmentDesk& desk, const dicom::Interrupt& stop) {
  VR_TRY(const auto ids, desk.book().commitments_due(desk.now(), kMostPerRound));
  std::map<SourceName, std::vector<Due>> by_source;
  for (const store::CommitmentId id : ids) {
    if (stop.triggered()) return std::size_t{0};
    auto due = take_due(desk, id);
    if (!due) continue;
    const SourceName source = due->commitment.source;
    by_source[source].push_back(std::move(*due));
  }
  std::size_t told = 0;
  for (const auto& [source, due] : by_source) {
    if (!stop.triggered()) told += tell_source(desk, due, stop);
  }
  return told;
}

}  // namespace veilroute::scp
