#include "scp/status.h"

#include <string_view>

#include "core/dicom/command.h"

namespace veilroute::scp {
namespace {

struct Row {
  std::string_view slug;
  std::uint16_t status;
};

constexpr Row kBySlug[] = {
    // The command or the data set names no usable class or instance: nothing to file it under.
    {"object.sop-class-invalid", dicom::status::cannot_understand},
    {"object.sop-instance-invalid", dicom::status::cannot_understand},
    {"object.no-data-set", dicom::status::cannot_understand},
    // "Data Set does not match SOP Class" is the nearest that PS3.4 has.
    {"object.uid-unlike-command", dicom::status::class_mismatch},
    // Not a patient's object, or not one this listener admits.
    {"object.study-uid-absent", dicom::status::class_not_supported},
    {"object.class-not-admitted", dicom::status::class_not_supported},
    {"object.class-unlike-context", dicom::status::class_not_supported},
    // Senders try these again.
    {"spool.no-room", dicom::status::out_of_resources},
    {"command.unrecognized", dicom::status::unrecognized_operation},
};

constexpr Row kActionBySlug[] = {
    {"commitment.no-such-class", dicom::status::no_such_class},
    {"commitment.no-such-instance", dicom::status::no_such_instance},
    {"commitment.no-such-action", dicom::status::no_such_action},
    {"commitment.no-data-set", dicom::status::invalid_argument},
    {"commitment.unreadable", dicom::status::invalid_argument},
    {"commitment.too-many-references", dicom::status::resource_limitation},
    {"commitment.too-many", dicom::status::resource_limitation},
    {"command.unrecognized", dicom::status::unrecognized_operation},
};

std::uint16_t by_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return dicom::status::cannot_understand;
    case ErrorKind::refused: return dicom::status::not_authorized;
    case ErrorKind::unavailable:
    case ErrorKind::exhausted: return dicom::status::out_of_resources;
    case ErrorKind::corrupt: return dicom::status::cannot_understand;
    case ErrorKind::internal: return dicom::status::processing_failure;
  }
  return dicom::status::processing_failure;
}

}  // namespace

std::uint16_t action_status(const Error& error) {
  for (const Row& row : kActionBySlug) {
    if (row.slug == error.slug) return row.status;
  }
  return dicom::status::processing_failure;
}

std::uint16_t dimse_status(const Error& error) {
  for (const Row& row : kBySlug) {
    if (row.slug == error.slug) return row.status;
  }
  return by_kind(error.kind);
}

}  // namespace veilroute::scp
