// The parts of check(), and what they share. Only config/check*.cc include this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/check.h"

namespace veilroute::config {

void check_listeners(const Draft& draft);
void check_sources(const Draft& draft);
void check_destinations(const Draft& draft, TimePoint now);
/// A destination's keys against its protocol: those of STOW-RS, and those of DICOM alone.
void check_stow(const TableReader& table, const Destination& destination);
void check_commitment(const Draft& draft);
void check_monitor(const Draft& draft);
void check_alerts(const Draft& draft);
void check_routes(const Draft& draft, const std::vector<KnownProfile>& profiles);

/// Two parts of one kind with one name: `slug` at the later one.
void check_names(const std::vector<TableReader>& tables, const char* slug);

/// The names that could be read. Where one is missing, it may be the one that others refer to.
std::vector<std::string> names_of(const std::vector<TableReader>& tables);

/// `profile "basci" does not exist; did you mean "basic"?`, or what there is.
std::string unknown_word(std::string_view kind, const std::string& word,
                         const std::vector<std::string>& known);

/// What `submit` calls the source and the listener of the files that it takes in.
inline constexpr const char* kBuiltInName = "submit";
/// A part that is named as the built-in one: `slug`.
void check_reserved_name(const std::vector<TableReader>& tables, const char* slug);

/// Words of the conditions of routes that name sources and listeners which do not exist.
void check_condition_names(const Draft& draft);

/// ", and the other holds by default" where only one of two keys that do not go together is written.
const char* note_of_default(const TableReader& table, std::string_view a, std::string_view b);

/// The sentences of TLS name files by their whole path; here they stand relative to the site.
std::string relative(std::string sentence, const std::filesystem::path& folder);

/// Who besides the owner may read a file.
enum class Readers { anyone, group, owner };
/// Is the file there, and open to nobody else than `readers`? False when that was reported.
bool check_file(const TableReader& table, std::string_view key, const std::filesystem::path& path,
                Readers readers);

/// How a listener or a destination keeps its TLS files.
struct TlsRules {
  const char* ca;         ///< the key that names whom to trust
  const char* missing;    ///< slug: dicom+tls without one of the files
  const char* needless;   ///< slug: plain dicom with one of them
  bool listens;
};
/// That cert, key and CA are there with dicom+tls, fit together, and are absent otherwise: whoever
/// writes them next to protocol = "dicom" believes that they are used.
void check_tls(const TableReader& table, const TlsRules& rules);

}  // namespace veilroute::config
