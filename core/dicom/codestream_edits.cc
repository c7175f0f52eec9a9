#include "core/dicom/codestream_edits.h"

#include <algorithm>
#include <utility>

namespace veilroute::dicom {

void CodestreamEdits::replace(std::uint64_t begin, std::uint64_t end, ByteView by) {
  CodestreamEdit edit;
  if (edits_.size() == kMost || by.size() > edit.bytes.size()) return give_up();
  edit.begin = begin;
  edit.end = end;
  edit.count = static_cast<std::uint8_t>(by.size());
  std::copy(by.begin(), by.end(), edit.bytes.begin());
  edits_.push_back(edit);
}

std::vector<CodestreamEdit> CodestreamEdits::take() && {
  // A length is changed once what follows it is known.
  std::sort(edits_.begin(), edits_.end(),
            [](const CodestreamEdit& a, const CodestreamEdit& b) { return a.begin < b.begin; });
  return std::move(edits_);
}

}  // namespace veilroute::dicom
