// Profile: ordered rules that say what happens to each attribute (PS3.15 Annex E); has a version.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/toml.h"
#include "core/dicom/dictionary.h"

namespace veilroute::profiles {

/// What may happen to an attribute. The letters are those of Table E.1-1; `pseudonym` is the dummy
/// that Z and Z/D permit for Patient's Name and ID.
enum class Action : std::uint8_t {
  keep,       ///< K: unchanged; a sequence keeps its items, each of which is walked
  remove,     ///< X
  empty,      ///< Z
  dummy,      ///< D: a non-empty value of the same VR without identity
  uid,        ///< U: the mapped UID
  pseudonym,  ///< the patient's pseudonym
  accession,  ///< the study's pseudonymous accession number
  replace,    ///< the text a rule gives
};
std::string_view to_string(Action action);

/// A rule of a profile's own, before the standard's table.
struct Rule {
  dicom::Tag tag;
  Action action = Action::remove;
  std::string value;  ///< for replace
  std::string name;   ///< "basic:12" or the rule's own name; appears in reports
};

/// Immutable; any thread.
struct Profile {
  ProfileName name;
  std::string description;
  std::vector<std::string> bases;       ///< legal bases this profile is strict enough for
  bool deidentifies = true;             ///< false: identified-treatment, necessity only
  std::map<std::uint32_t, Rule> rules;  ///< by packed tag
  std::string text;        ///< canonical: this and its parents; parse it again to get the same
  ProfileVersion version;  ///< digest of text, standard tables, engine version
};

/// True for a profile that claims the basis "de-identified". Its `keep` rules then let nothing pass
/// that the tables would not: the value is still judged by its shape.
bool claims_deidentified(const Profile& profile);

struct ProfileProblem {
  toml::Place place;
  std::string what;
  std::string slug;
};

/// Parses one profile. `find_parent` resolves `extends`. All problems are listed.
struct ParsedProfile {
  std::shared_ptr<const Profile> profile;  ///< null when there are problems
  std::vector<ProfileProblem> problems;
};
using FindParent = std::shared_ptr<const Profile> (*)(const ProfileName&, void* context);
/// `file` is for the places of problems; `find_parent` may be null: then `extends` is a problem.
ParsedProfile parse_profile(std::string_view text, const std::string& file, FindParent find_parent,
                            void* context);

/// The shipped profiles (compiled in from library/) and those of a site's profiles/ folder.
class Library {
 public:
  /// Shipped only.
  static const Library& shipped();
  /// Shipped and the site's; a site may not redefine a shipped name.
  static std::pair<Library, std::vector<ProfileProblem>> load(const std::filesystem::path& folder);
  [[nodiscard]] std::shared_ptr<const Profile> find(const ProfileName& name) const;
  [[nodiscard]] std::vector<std::shared_ptr<const Profile>> all() const;

 private:
  std::map<std::string, std::shared_ptr<const Profile>> profiles_;
};

/// A pinned profile from its canonical text (TransferPlan::profile_text). `refused` when the
/// version no longer comes out the same (another engine or table): the transfer is then blocked.
Result<std::shared_ptr<const Profile>> reopen_profile(std::string_view canonical_text,
                                                      const ProfileVersion& expected);

/// "PS3.15 2026d" and the engine's version: part of every profile's version.
std::string_view standard_edition();
std::string_view engine_version();

}  // namespace veilroute::profiles
