// Connections for reading.
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

Result<std::unique_ptr<Connection>> Readers::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return Connection::open(file_, Connection::Use::read);
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(connection));
}

}  // namespace veilroute::store::sqlite
