// Bytes of such a file: magic 8 · segment 8 · wrapped key 40 · SHA-256 of these, first 8.
#include "core/store/segment_keys.h"

#include <algorithm>
#include <set>

#include "core/base/crypto.h"
#include "core/base/log.h"
#include "core/store/segment_format.h"

namespace veilroute::store {

namespace {

constexpr std::string_view kKeyMagic = "VRSEGKEY";
constexpr std::size_t kCheckBytes = 8;
constexpr std::size_t kKeyFileBytes = 8 + 8 + crypto::kWrappedKeyBytes + kCheckBytes;

Bytes with_check(SegmentId id, ByteView wrapped_key) {
  Bytes out(kKeyMagic.begin(), kKeyMagic.end());
  const Bytes number = Encoder().u64(id.value).out();
  out.insert(out.end(), number.begin(), number.end());
  out.insert(out.end(), wrapped_key.begin(), wrapped_key.end());
  const Digest digest = crypto::sha256(out);
  out.insert(out.end(), digest.begin(), digest.begin() + kCheckBytes);
  return out;
}

}  // namespace

std::filesystem::path segment_keys_folder(const std::filesystem::path& spool) {
  return spool.parent_path() / (spool.filename().string() + "-keys");
}

std::filesystem::path SegmentKeys::path_of(SegmentId id) const {
  return folder_ / segment_file_name(id);
}

Result<void> SegmentKeys::keep(SegmentId id, ByteView wrapped_key) {
  VR_TRY(remove(id));
  VR_TRY(const auto file, files_.create(path_of(id)));
  VR_TRY(file->append(with_check(id, wrapped_key)));
  VR_TRY(file->sync());
  return files_.sync_folder(folder_);
}

Result<std::optional<Bytes>> SegmentKeys::find(SegmentId id) {
  const auto file = files_.open_read(path_of(id));
  if (!file.ok()) {
    if (file.error().slug == "file.missing") return std::optional<Bytes>();
    return file.error();
  }
  VR_TRY(const std::uint64_t size, (*file)->size_bytes());
  if (size != kKeyFileBytes) return std::optional<Bytes>();
  Bytes bytes(kKeyFileBytes);
  VR_TRY((*file)->read_at(0, bytes));
  const auto key = ByteView(bytes).subspan(16, crypto::kWrappedKeyBytes);
  if (with_check(id, key) != bytes) return std::optional<Bytes>();
  return std::optional(Bytes(key.begin(), key.end()));
}

Result<void> SegmentKeys::remove(SegmentId id) {
  Result<void> removed = files_.remove(path_of(id));
  if (!removed.ok() && removed.error().slug == "file.missing") return {};
  return removed;
}

Result<void> SegmentKeys::remove_all_but_open(const std::vector<SegmentRow>& segments) {
  std::set<SegmentId> open;
  for (const SegmentRow& row : segments) {
    if (!row.closed && row.wrapped_key) open.insert(row.id);
  }
  VR_TRY(const std::vector<std::string> names, files_.list(folder_));
  bool changed = false;
  for (const std::string& name : names) {
    const auto id = segment_of_file_name(name);
    if (!id || open.contains(*id)) continue;
    VR_TRY(files_.remove(folder_ / name));
    changed = true;
  }
  return changed ? files_.sync_folder(folder_) : Result<void>();
}

}  // namespace veilroute::store
