#include "scp/commitment_report.h"

#include "core/dicom/dataset.h"
#include "scp/commitment_request.h"

namespace veilroute::scp {
namespace {

namespace vr = dicom::vr;

constexpr std::uint16_t kAllCommitted = 1;
constexpr std::uint16_t kFailuresExist = 2;

constexpr dicom::Tag kTransaction{0x0008, 0x1195}, kFailedSequence{0x0008, 0x1198},
    kCommittedSequence{0x0008, 0x1199}, kClass{0x0008, 0x1150}, kInstance{0x0008, 0x1155},
    kFailureReason{0x0008, 0x1197};

/// The references that failed, or those that did not; no sequence when there is none.
void put_references(dicom::Dataset& dataset, const store::Commitment& commitment, bool failed) {
  std::vector<dicom::Item> items;
  for (const store::Reference& one : commitment.references) {
    if ((one.failure != store::failure_reason::none) != failed) continue;
    dicom::Item item;
    dataset.put_text(item, kClass, vr::UI, one.sop_class.value);
    dataset.put_text(item, kInstance, vr::UI, one.sop_instance.value);
    if (failed) dataset.put_u16(item, kFailureReason, vr::US, one.failure);
    items.push_back(std::move(item));
  }
  if (items.empty()) return;
  dicom::Element& sequence =
      dataset.put_sequence(dataset.root(), failed ? kFailedSequence : kCommittedSequence);
  sequence.items = std::move(items);
}

}  // namespace

Result<EventReport> make_event_report(const store::Commitment& commitment, const Uid& syntax,
                                      std::uint16_t message_id) {
  VR_TRY(dicom::TransferSyntax known, dicom::find_transfer_syntax(syntax));
  dicom::Dataset dataset(std::move(known));
  dataset.put_text(kTransaction, vr::UI, commitment.transaction.value);
  put_references(dataset, commitment, true);
  put_references(dataset, commitment, false);
  VR_TRY(dicom::WrittenDataset written, dicom::write_dataset(dataset));
  const bool good = commitment.failures() == 0;
  EventReport report;
  report.command = dicom::n_event_report_request(message_id, Uid{std::string(kCommitmentClass)},
                                                 Uid{std::string(kCommitmentInstance)},
                                                 good ? kAllCommitted : kFailuresExist);
  report.data = std::move(written.own);
  return report;
}

Error report_refused(std::uint16_t status) {
  return make_error(ErrorKind::refused, "commitment.report-refused",
                    "the source answers the report with status " + std::to_string(status));
}

}  // namespace veilroute::scp
