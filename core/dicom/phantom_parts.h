// What a phantom is put together from; used by phantom*.cc alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/dicom/dataset.h"
#include "core/dicom/phantom.h"

namespace veilroute::dicom::phantom {

/// An attribute that has the same text in every phantom of a kind.
struct Constant {
  Tag tag;
  std::string_view text;
};

/// A phantom in the making.
struct Draft {
  const PhantomOptions& options;
  Dataset data;
  unsigned rows = 0;
  unsigned columns = 0;
  std::string sop_class;
  std::string sop_instance;
  std::vector<std::string> markers;

  /// A UID from the seed and a word: the same for the same study, series or object.
  [[nodiscard]] std::string uid(std::string_view what) const;
  void text(Item& where, Tag tag, std::string_view value) {
    data.put_text(where, tag, implicit_vr(tag), value);
  }
  void text(Tag tag, std::string_view value) { text(data.root(), tag, value); }
  void number(Tag tag, std::uint16_t value) {
    data.put_u16(data.root(), tag, implicit_vr(tag), value);
  }
  /// A code sequence (PS3.3 8.8) with one item.
  struct Code {
    std::string_view value, scheme, meaning;
  };
  Item& code(Tag tag, const Code& what);
};

/// What the kind's IOD asks for (phantom_modules.cc).
void add_kind_modules(Draft& draft);
/// Rows × Columns samples: 16 bits little endian for DX, CR and CT, 8 bits for US
/// (phantom_pixels.cc).
Bytes draw(const PhantomOptions& options, unsigned rows, unsigned columns);
/// Markers into the data set (phantom_canary.cc).
void add_canaries(Draft& draft);
/// A file head whose every free place holds a marker.
Bytes canary_head(Draft& draft);

}  // namespace veilroute::dicom::phantom
