// One function for each action: what it puts in the place of a value. Everything written is ASCII,
// so it is right in every character set an object may declare.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/dicom/dataset.h"
#include "profiles/decide.h"
#include "profiles/deidentify.h"
#include "profiles/parts.h"

namespace veilroute::profiles {

enum class Applied : std::uint8_t {
  changed,
  unchanged,   ///< the value was already what the action makes of it
  impossible,  ///< nothing can be left by this action: Decision::otherwise is for that
};

/// What the actions need while one object is walked. One thread.
class Actions {
 public:
  Actions(dicom::Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms,
          DeidReport& report);

  /// Any action but keep and remove.
  Applied apply(dicom::Element& element, const Decision& decision);
  /// The attribute becomes a text of the VR that PS3.6 gives its tag.
  void put_text(dicom::Element& element, std::string_view text);

 private:
  Applied leave_part(dicom::Element& element, Action action);
  bool make_empty(dicom::Element& element);
  void make_dummy(dicom::Element& element);
  bool map_uids(dicom::Element& element);
  std::string map_uid(std::string_view old_uid, dicom::Tag tag);

  dicom::Dataset& object_;
  const Pseudonyms& pseudonyms_;
  DeidReport& report_;
  Parts parts_;
  std::map<std::string, std::size_t, std::less<>> known_uids_;  ///< old UID → index in the report
};

/// The dummy text of a VR: valid, fixed, and the same for every patient. Empty: the VR has none.
std::string_view dummy_text(dicom::Vr vr);

}  // namespace veilroute::profiles
