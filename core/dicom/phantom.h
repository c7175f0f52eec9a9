// Phantoms: complete synthetic objects with marked identifiers, for trying a site out and for
// tests. Nothing in them comes from a person; no text is in their pixels.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"
#include "core/dicom/dictionary.h"
#include "core/dicom/transfer_syntax.h"

namespace veilroute::dicom {

enum class PhantomKind : std::uint8_t { dx, cr, ct, us };
/// "dx", "cr", "ct", "us".
std::optional<PhantomKind> parse_phantom_kind(std::string_view word);
std::string_view to_string(PhantomKind kind);

struct PhantomOptions {
  PhantomKind kind = PhantomKind::dx;
  unsigned number = 1;    ///< whose: "PHANTOM^ONE", "PHANTOM-0001"; one study each; from 1
  unsigned instance = 1;  ///< which object of that study's series; from 1
  std::string seed;       ///< same options and seed, same bytes
  unsigned rows = 0;      ///< 16 to 4096; 0: what is usual for the kind
  unsigned columns = 0;
  /// Not an encapsulated one: pixels are native.
  std::string transfer_syntax = std::string(kExplicitLittleEndian);
  /// Every attribute of `canary_tags` holds a marker of its own, at top level and four sequences
  /// deep; so do private attributes, UN, the preamble and the file meta information.
  bool canary = false;
  std::vector<Tag> canary_tags;
};

struct Phantom {
  Bytes file;  ///< PS3.10
  Uid sop_class;
  Uid sop_instance;
  Uid transfer_syntax;
  std::uint64_t dataset_offset = 0;
  /// Canary phantoms: texts of six characters and more, none of which may be found in what a
  /// profile lets through.
  std::vector<std::string> markers;
};

/// `invalid` ("phantom.options") when the options make no sense.
Result<Phantom> make_phantom(const PhantomOptions& options);

/// "CANARY-0010-0010", or what comes next to it in this VR: letters, a date of its own, digits, a
/// UID under kCanaryUidRoot. Empty where the VR holds no text. `index` makes numbers and dates
/// unlike one another.
std::string canary_value(Tag tag, Vr vr, unsigned index);
inline constexpr std::string_view kCanaryUidRoot = "2.25.2024177711177.";

}  // namespace veilroute::dicom
