// Lines "name = hexadecimal digits", in the order of the site keys.
#include "core/store/key_copy.h"

#include "core/base/crypto.h"
#include "core/base/files.h"

namespace veilroute::store {

namespace {

constexpr std::string_view kCopyHead =
    "# The site keys, wrapped with the master key. If catalog.db is lost, `veilroute spool salvage`\n"
    "# needs this file. It is worth nothing without the master key.\n";

Error copy_broken(const std::filesystem::path& file) {
  return make_error(ErrorKind::corrupt, "keys.copy-broken",
                    file.string() + " does not hold the site keys, or this is not the master key"
                                    " that they were wrapped with");
}

}  // namespace

std::filesystem::path key_copy_of(const std::filesystem::path& site) {
  return site / "keys" / "site.keys";
}

Result<void> keep_key_copy(const std::filesystem::path& file, const Keyring& keyring,
                           const Secret& master_key) {
  const Secret* const keys[] = {&keyring.spool, &keyring.catalog, &keyring.index, &keyring.ledger};
  std::string text(kCopyHead);
  for (std::size_t at = 0; at < std::size(keys); ++at) {
    VR_TRY(const Bytes wrapped, crypto::wrap_key(master_key, *keys[at]));
    text += std::string(kSiteKeyNames[at]) + " = " + to_hex(wrapped) + "\n";
  }
  const Result<std::string> there = read_text_file(file);
  if (there.ok() && *there == text) return {};
  return write_file_durably(file, as_bytes(text));
}

Result<Keyring> read_key_copy(const std::filesystem::path& file, const Secret& master_key) {
  const Result<std::string> text = read_text_file(file);
  if (!text.ok()) {
    if (text.error().slug != "file.missing") return text.error();
    return make_error(ErrorKind::refused, "keys.copy-missing",
                      file.string() + " is not there: without it and without the catalog nothing of"
                                      " the spool can be opened. Put it back from a safe place");
  }
  Keyring keyring;
  Secret* const keys[] = {&keyring.spool, &keyring.catalog, &keyring.index, &keyring.ledger};
  for (std::size_t at = 0; at < std::size(keys); ++at) {
    const std::string begin = "\n" + std::string(kSiteKeyNames[at]) + " = ";
    const std::size_t found = text->find(begin);
    if (found == std::string::npos) return copy_broken(file);
    const auto wrapped = from_hex(
        std::string_view(*text).substr(found + begin.size(), 2 * crypto::kWrappedKeyBytes));
    if (!wrapped.ok()) return copy_broken(file);
    Result<Secret> key = crypto::unwrap_key(master_key, *wrapped);
    if (!key.ok()) return copy_broken(file);
    *keys[at] = std::move(key).value();
  }
  return keyring;
}

}  // namespace veilroute::store
