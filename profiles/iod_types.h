// Which Type an attribute of Table E.1-1 has in the object it stands in (PS3.3 by way of
// standard/iod-types.tsv), and which branch of a compound action code follows from that.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"
#include "profiles/standard_table.h"

namespace veilroute::profiles {

/// Type of an attribute (PS3.5 7.4) that is in the object: the conditions of 1C and 2C are then
/// taken to be true.
enum class Type : std::uint8_t {
  one,      ///< 1 or 1C: not empty
  two,      ///< 2 or 2C: there, perhaps empty
  three,    ///< 3, or no part of the IOD
  unknown,  ///< nobody here knows all modules of the IOD, or the IOD at all
};

/// The Types of one object. Two words; copy it. Immutable; any thread. The tables are read at the
/// first use, which takes a few milliseconds.
///
/// A module of usage C or U binds like a mandatory one: whoever asks has an attribute of it in
/// hand, so the module is there, at least in part. That errs to the stricter Type.
class IodTypes {
 public:
  /// By SOP Class UID; an absent or strange one gives `unknown` for every attribute.
  static IodTypes of(const dicom::Dataset& object);
  static IodTypes of_class(std::string_view sop_class);

  /// Only for tags that Table E.1-1 lists: every other one is `three` or `unknown`. `around` are
  /// the sequences the attribute stands in, outermost first, without item numbers. No allocation.
  /// Content items (0040,A730) within content items have the Types of the outermost (PS3.3 C.17.3).
  [[nodiscard]] Type type_of(std::span<const dicom::Tag> around, dicom::Tag tag) const;

  /// False: all that type_of says is `one` for what is Type 1 in the modules that are known, else
  /// `unknown`.
  [[nodiscard]] bool knows_all_modules() const { return complete_; }

 private:
  IodTypes(std::size_t iod, bool complete) : iod_(iod), complete_(complete) {}
  static constexpr std::size_t kNoIod = static_cast<std::size_t>(-1);

  std::size_t iod_ = kNoIod;
  bool complete_ = false;
};

/// What is left of an attribute by an action code of Table E.1-1.
enum class Branch : std::uint8_t {
  remove,  ///< X
  empty,   ///< Z: no value, or no items
  dummy,   ///< D
  uid,     ///< U: new UIDs; a sequence keeps its items, and the UIDs in them are replaced
};

/// The branch that keeps the IOD intact and no more than that (PS3.15 Table E.1-1a;
/// standard/action-codes.tsv): Type 3 takes X, Type 2 Z, Type 1 D or U. `unknown` takes the branch
/// that leaves most (decisions 6). A code without a choice is its own branch, whatever the Type:
/// Table E.1-1 removes a few attributes that PS3.3 requires. But Z may be a dummy (same table), and
/// is one where the attribute may not be empty.
Branch resolve(Code code, Type type);

/// Number of IODs in the tables, and SHA-256 of the tables, for a profile's version.
std::size_t known_iod_count();
const Digest& iod_tables_digest();

}  // namespace veilroute::profiles
