// A layer between SQLite and its own files (https://sqlite.org/vfs.html). Nothing is really synced:
// what would be durable is kept in memory and written at the cut.
#include "tests/support/faulty_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

namespace veilroute::test {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSectorBytes = 512;

/// A write, or a truncation to `at` when there are no bytes.
struct Change {
  std::uint64_t at = 0;
  std::optional<Bytes> bytes;
};

struct Image {
  Bytes durable;
  std::vector<Change> unsynced;
  bool name_is_durable = false;
  /// Another file had the name, and its removal was not made durable.
  std::optional<Bytes> earlier;
  bool exists = true;
};

struct World {
  FaultyFiles* files = nullptr;
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs vfs{};
  std::map<std::string, Image> images;
};

World& world() {
  static World it;
  return it;
}

void apply(Bytes& to, const Change& change) {
  const auto at = static_cast<std::size_t>(change.at);
  if (!change.bytes) {
    to.resize(std::min(to.size(), at));
    return;
  }
  if (to.size() < at + change.bytes->size()) to.resize(at + change.bytes->size());
  std::copy(change.bytes->begin(), change.bytes->end(), to.begin() + static_cast<long>(at));
}

Bytes bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What SQLite holds for a file: ours, and behind it the real one.
struct Shim {
  sqlite3_file base;
  const char* path;  ///< lives as long as the file is open; null: a temporary file
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

Shim& shim(sqlite3_file* file) { return *reinterpret_cast<Shim*>(file); }
const sqlite3_io_methods& real_methods(sqlite3_file* file) { return *shim(file).real()->pMethods; }

Image* image_of(sqlite3_file* file) {
  return shim(file).path == nullptr ? nullptr : &world().images[shim(file).path];
}

bool powered() { return world().files->change_elsewhere().ok(); }

int close_file(sqlite3_file* file) { return real_methods(file).xClose(shim(file).real()); }

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return real_methods(file).xRead(shim(file).real(), to, size, at);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const std::lock_guard lock(world().files->power());
  if (!powered()) return SQLITE_IOERR_WRITE;
  const int code = real_methods(file).xWrite(shim(file).real(), from, size, at);
  Image* const image = image_of(file);
  if (code != SQLITE_OK || image == nullptr) return code;
  const auto* first = static_cast<const std::uint8_t*>(from);
  image->unsynced.push_back({static_cast<std::uint64_t>(at), Bytes(first, first + size)});
  return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const std::lock_guard lock(world().files->power());
  if (!powered()) return SQLITE_IOERR_TRUNCATE;
  const int code = real_methods(file).xTruncate(shim(file).real(), size);
  Image* const image = image_of(file);
  if (code == SQLITE_OK && image != nullptr) {
    image->unsynced.push_back({static_cast<std::uint64_t>(size), std::nullopt});
  }
  return code;
}

int sync_file(sqlite3_file* file, int) {
  const std::lock_guard lock(world().files->power());
  if (!powered()) return SQLITE_IOERR_FSYNC;
  Image* const image = image_of(file);
  if (image == nullptr) return SQLITE_OK;
  for (const Change& change : image->unsynced) apply(image->durable, change);
  image->unsynced.clear();
  // SQLite syncs the folder with the first sync of a journal that it made.
  image->name_is_durable = true;
  image->earlier.reset();
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return real_methods(file).xFileSize(shim(file).real(), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_methods(file).xLock(shim(file).real(), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_methods(file).xUnlock(shim(file).real(), level);
}
int reserved(sqlite3_file* file, int* answer) {
  return real_methods(file).xCheckReservedLock(shim(file).real(), answer);
}
int control(sqlite3_file* file, int what, void* with) {
  return real_methods(file).xFileControl(shim(file).real(), what, with);
}
int sector_size(sqlite3_file* file) { return real_methods(file).xSectorSize(shim(file).real()); }
int device(sqlite3_file* file) {
  return real_methods(file).xDeviceCharacteristics(shim(file).real());
}
// The index of the log in shared memory is no part of what must survive.
int shared_map(sqlite3_file* file, int page, int size, int extend, void volatile** at) {
  return real_methods(file).xShmMap(shim(file).real(), page, size, extend, at);
}
int shared_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_methods(file).xShmLock(shim(file).real(), offset, count, flags);
}
void shared_barrier(sqlite3_file* file) { real_methods(file).xShmBarrier(shim(file).real()); }
int shared_unmap(sqlite3_file* file, int remove) {
  return real_methods(file).xShmUnmap(shim(file).real(), remove);
}

constexpr sqlite3_io_methods kMethods = {
    2,           close_file,  read_file,   write_file,     truncate_file, sync_file,   size_of_file,
    lock_file,   unlock_file, reserved,    control,        sector_size,   device,      shared_map,
    shared_lock, shared_barrier, shared_unmap, nullptr,    nullptr};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* opened) {
  World& all = world();
  const std::lock_guard lock(all.files->power());
  file->pMethods = nullptr;
  const bool was_there = path != nullptr && fs::exists(path);
  const int code = all.real->xOpen(all.real, path, shim(file).real(), flags, opened);
  if (shim(file).real()->pMethods == nullptr) return code;
  file->pMethods = &kMethods;
  shim(file).path = path;
  if (code != SQLITE_OK || path == nullptr) return code;
  const auto [found, first] = all.images.try_emplace(path);
  Image& image = found->second;
  if (was_there && first) image = {bytes_of(path), {}, true, {}, true};
  if (!was_there) image = {{}, {}, false, image.earlier, true};
  return code;
}

int delete_file(sqlite3_vfs*, const char* path, int sync_folder) {
  World& all = world();
  const std::lock_guard lock(all.files->power());
  if (!powered()) return SQLITE_IOERR_DELETE;
  const int code = all.real->xDelete(all.real, path, sync_folder);
  const auto found = all.images.find(path);
  if (code != SQLITE_OK || found == all.images.end()) return code;
  Image& image = found->second;
  image.exists = false;
  if (image.name_is_durable) image.earlier = std::move(image.durable);
  if (sync_folder != 0) image.earlier.reset();
  return code;
}

/// Of one change that was not synced, what reached the disk.
std::optional<Change> remains(Change change, std::mt19937& random) {
  const unsigned drawn = std::uniform_int_distribution<unsigned>(0, 3)(random);
  if (drawn == 0) return std::nullopt;
  if (drawn == 1 && change.bytes) {
    const std::uint64_t end = change.at + change.bytes->size();
    const std::uint64_t sectors = (end - change.at) / kSectorBytes;
    const std::uint64_t kept = std::uniform_int_distribution<std::uint64_t>(0, sectors)(random);
    const std::uint64_t up_to = (change.at / kSectorBytes + kept) * kSectorBytes;
    if (up_to <= change.at) return std::nullopt;
    change.bytes->resize(static_cast<std::size_t>(std::min(up_to, end) - change.at));
  }
  return change;
}

void leave(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void cut(const std::string& path, Image& image, FaultyFiles::Survives what,
         std::mt19937& random) {
  const bool part = what == FaultyFiles::Survives::also_a_part;
  const bool keeps_name =
      image.exists && (image.name_is_durable || (part && std::bernoulli_distribution()(random)));
  if (keeps_name) {
    for (const Change& change : image.unsynced) {
      if (!part) break;
      if (const auto left = remains(change, random)) apply(image.durable, *left);
    }
    return leave(path, image.durable);
  }
  // A removal that was not made durable may not have happened.
  if (image.earlier && (!part || std::bernoulli_distribution()(random))) {
    return leave(path, *image.earlier);
  }
  fs::remove(path);
}

}  // namespace

void put_databases_on_power_of(FaultyFiles& files) {
  World& all = world();
  all.files = &files;
  all.real = sqlite3_vfs_find(nullptr);
  all.vfs = *all.real;
  all.vfs.zName = "faulty";
  all.vfs.szOsFile = static_cast<int>(sizeof(Shim)) + all.real->szOsFile;
  all.vfs.pNext = nullptr;
  all.vfs.xOpen = open_file;
  all.vfs.xDelete = delete_file;
  sqlite3_vfs_register(&all.vfs, 1);
}

void cut_power_of_databases(FaultyFiles::Survives what, std::mt19937& random) {
  const std::lock_guard lock(world().files->power());
  for (auto& [path, image] : world().images) {
    cut(path, image, what, random);
    // The log's index lies in memory that is gone.
    fs::remove(path + "-shm");
  }
}

}  // namespace veilroute::test
