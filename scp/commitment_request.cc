#include "scp/commitment_request.h"

#include <algorithm>
#include <set>

#include "core/dicom/dataset.h"
#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "scp/admission.h"

namespace veilroute::scp {
namespace {

constexpr dicom::Tag kTransactionUid{0x0008, 0x1195};
constexpr dicom::Tag kReferencedSequence{0x0008, 0x1199};
constexpr dicom::Tag kReferencedClass{0x0008, 0x1150};
constexpr dicom::Tag kReferencedInstance{0x0008, 0x1155};
/// Room for what else a sender may put beside two UIDs.
constexpr dicom::ReadLimits kRequestLimits{8, 8 * kMostReferences, 2 * kMostRequestBytes};

Error unreadable(const char* what) {
  return make_error(ErrorKind::invalid, "commitment.unreadable", what);
}

Result<Uid> uid_in(const dicom::Item& item, dicom::Tag tag) {
  const dicom::Element* element = dicom::Dataset::find(item, tag);
  if (element && element->holds == dicom::Holds::value) {
    const std::string_view text = dicom::trimmed(element->value);
    if (dicom::is_valid_uid(text)) return Uid{std::string(text)};
  }
  return unreadable("a UID of the request is absent or not a UID");
}

Result<store::Reference> read_reference(const dicom::Item& item, bool private_classes) {
  store::Reference reference;
  VR_TRY(reference.sop_class, uid_in(item, kReferencedClass));
  VR_TRY(reference.sop_instance, uid_in(item, kReferencedInstance));
  if (!admits_class(reference.sop_class, private_classes)) {
    reference.failure = store::failure_reason::class_not_supported;
  }
  return reference;
}

}  // namespace

Result<void> check_action(const dicom::Command& command) {
  if (command.affected_class.value != kCommitmentClass) {
    return make_error(ErrorKind::refused, "commitment.no-such-class",
                      "the action is not about storage commitment");
  }
  if (command.affected_instance.value != kCommitmentInstance) {
    return make_error(ErrorKind::refused, "commitment.no-such-instance",
                      "there is one instance, with a well-known UID");
  }
  if (command.action_type != kRequestCommitment) {
    return make_error(ErrorKind::refused, "commitment.no-such-action",
                      "there is one action, of type 1");
  }
  if (command.has_data_set()) return {};
  return make_error(ErrorKind::invalid, "commitment.no-data-set", "N-ACTION without a data set");
}

Result<CommitmentRequest> read_commitment_request(ByteView data, const Uid& transfer_syntax,
                                                  bool private_classes) {
  VR_TRY(const dicom::TransferSyntax syntax, dicom::find_transfer_syntax(transfer_syntax));
  MemorySource source(data);
  const auto read = dicom::read_dataset(source, syntax, {}, kRequestLimits);
  if (!read.ok()) return unreadable("the data set of the request cannot be read");
  CommitmentRequest request;
  VR_TRY(request.transaction, uid_in(read->root(), kTransactionUid));
  const dicom::Element* sequence = read->find(kReferencedSequence);
  if (!sequence || sequence->holds != dicom::Holds::sequence || sequence->items.empty()) {
    return unreadable("the request refers to no object");
  }
  if (sequence->items.size() > kMostReferences) {
    return make_error(ErrorKind::exhausted, "commitment.too-many-references",
                      "one request may refer to 10,000 objects");
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const dicom::Item& item : sequence->items) {
    VR_TRY(store::Reference one, read_reference(item, private_classes));
    if (!seen.insert({one.sop_class.value, one.sop_instance.value}).second) continue;
    request.references.push_back(std::move(one));
  }
  return request;
}

}  // namespace veilroute::scp
