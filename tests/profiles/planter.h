// Plants what identities.h holds wherever an object could carry it, and says where.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/dicom/dataset.h"
#include "tests/profiles/identities.h"

namespace veilroute::profiles::proof {

/// Where in the object, and how the value is dressed.
enum class Place : std::uint8_t {
  top,           ///< the value as it is
  second_value,  ///< behind a backslash and a harmless first value
  behind_nul,    ///< behind a NUL and a harmless word
  padded,        ///< with spaces before and NULs behind
  other_vr,      ///< under a stated VR that is not the registry's
  as_unknown,    ///< as UN
  item,          ///< one sequence deep
  deep,          ///< eight sequences deep
};
inline constexpr Place kPlaces[] = {Place::top,    Place::second_value, Place::behind_nul,
                                    Place::padded, Place::other_vr,     Place::as_unknown,
                                    Place::item,   Place::deep};
std::string_view to_string(Place place);

struct Planted {
  dicom::Dataset object;
  std::size_t count = 0;  ///< attributes that hold the fact
};

/// person() with the fact in every attribute of PS3.6 that can carry it at that place: Table E.1-1,
/// its gaps, and all the rest. Left out are what the object is, how its pixels lie, and what holds
/// it back by being there. Sequences get one item that says it in a code, a name and a text.
Planted plant(const Fact& fact, Place place, std::string_view transfer_syntax);

/// True for attributes that say what the object is, how its pixels lie, or hold it back as a whole:
/// something planted there would make another object of it.
bool is_frame(dicom::Tag tag);

/// A place that no attribute of PS3.6 is, by its name: "private with creator", "icon", ...
struct OddPlace {
  const char* name;
  std::function<void(dicom::Dataset& object, const std::string& text)> plant;
};
const std::vector<OddPlace>& odd_places();

/// Calls `each` with the path and the element, a sequence before what is in it.
void walk(const dicom::Item& item, const std::string& prefix,
          const std::function<void(const std::string& path, const dicom::Element&)>& each);

/// Paths of a copy whose values hold one of the needles.
std::vector<std::string> paths_holding(const dicom::Dataset& copy,
                                       const std::vector<std::string>& needles);
/// True when one of the needles is anywhere in the bytes.
bool holds_any(ByteView bytes, const std::vector<std::string>& needles);

}  // namespace veilroute::profiles::proof
