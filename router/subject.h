// A spooled object as a condition sees it: what reception noted, else the header read back.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/condition.h"
#include "core/dicom/dataset.h"
#include "core/store/object.h"

namespace veilroute::router {

/// Reads an object's header from the spool.
using ReadHeader = std::function<Result<dicom::Dataset>(const store::SpooledObject&)>;

/// One object, asked by conditions. The header is read once, and only when a condition asks for what
/// reception did not note: a path through sequences, a binary value, a value longer than a note, or
/// an attribute that was not (or not yet) on the list of noted ones.
///
/// An attribute without a value counts as absent. Long text (LT, ST, UT, UR) is one value. A
/// sequence's item and a large value count as present with an empty text. Values of other character
/// sets are compared as the bytes that were sent.
///
/// When the header cannot be read, every question about it answers "absent" and failure() says why:
/// no answer given after that may be used. One thread.
class ObjectSubject final : public config::Subject {
 public:
  /// Both outlive the subject.
  ObjectSubject(const store::SpooledObject& object, const ReadHeader& read)
      : object_(object), read_(read) {}
  [[nodiscard]] std::vector<std::string> values(const std::vector<dicom::Tag>& path) const override;
  [[nodiscard]] std::string about(std::string_view word) const override;
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  [[nodiscard]] const dicom::Dataset* header() const;

  const store::SpooledObject& object_;
  const ReadHeader& read_;
  mutable std::optional<dicom::Dataset> header_;
  mutable std::optional<Error> failure_;
};

}  // namespace veilroute::router
