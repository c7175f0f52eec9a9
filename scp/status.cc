#include "scp/status.h"

#include <string_view>

#include "core/dicom/command.h"

namespace veilroute::scp {
namespace {

using namespace dicom::status;

struct Row {
  std::string_view slug;
  std::uint16_t status;
};

constexpr Row kBySlug[] = {
    // The command or the data set names no usable class or instance: nothing to file it under.
    {"object.sop-class-invalid", cannot_understand},
    {"object.sop-instance-invalid", cannot_understand},
    {"object.no-data-set", cannot_understand},
    // "Data Set does not match SOP Class" is the nearest that PS3.4 has.
    {"object.uid-unlike-command", class_mismatch},
    // Not a patient's object, or not one this listener admits.
    {"object.study-uid-absent", class_not_supported},
    {"object.class-not-admitted", class_not_supported},
    {"object.class-unlike-context", class_not_supported},
    // Senders try these again.
    {"spool.no-room", out_of_resources},
    {"command.unrecognized", unrecognized_operation},
};

std::uint16_t by_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return cannot_understand;
    case ErrorKind::refused: return not_authorized;
    case ErrorKind::unavailable: return out_of_resources;
    case ErrorKind::exhausted: return out_of_resources;
    case ErrorKind::corrupt: return cannot_understand;
    case ErrorKind::internal: return processing_failure;
  }
  return processing_failure;
}

}  // namespace

std::uint16_t dimse_status(const Error& error) {
  for (const Row& row : kBySlug) {
    if (row.slug == error.slug) return row.status;
  }
  return by_kind(error.kind);
}

}  // namespace veilroute::scp
