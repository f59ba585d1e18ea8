#include "support/fault_vfs.hpp"

#include <sqlite3.h>

#include <atomic>

namespace scena::test {

struct FaultVfs::Impl {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::string name;
  std::atomic<int> write_fault{0}, sync_fault{0}, read_fault{0}, open_fault{0};
  std::atomic<int> countdown{0}, call_fault{0};
  std::atomic<int> syncs{0}, calls{0};

  /// The code that this call must answer with, or SQLITE_OK.
  int judge(const std::atomic<int>& standing) {
    ++calls;
    if (countdown.load() > 0 && --countdown == 0) return call_fault.load();
    return standing.load();
  }
};

namespace {

/// Our head, with the system's file right behind it in the memory that SQLite gives.
struct FaultFile {
  sqlite3_file base;
  void* owner;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile* self(sqlite3_file* file) {
  return reinterpret_cast<FaultFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return self(file)->real();
}
const sqlite3_io_methods* methods(sqlite3_file* file) {
  return real(file)->pMethods;
}

/// The functions that SQLite calls. A template, because FaultVfs::Impl cannot be named here.
template <class State>
struct Calls {
  static State& state(sqlite3_file* file) { return *static_cast<State*>(self(file)->owner); }

  static int close(sqlite3_file* f) { return methods(f) ? methods(f)->xClose(real(f)) : SQLITE_OK; }
  static int read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
    if (const int fault = state(f).judge(state(f).read_fault)) return fault;
    return methods(f)->xRead(real(f), to, size, at);
  }
  static int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
    if (const int fault = state(f).judge(state(f).write_fault)) return fault;
    return methods(f)->xWrite(real(f), from, size, at);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (const int fault = state(f).judge(state(f).write_fault)) return fault;
    return methods(f)->xTruncate(real(f), size);
  }
  static int sync(sqlite3_file* f, int) {
    if (const int fault = state(f).judge(state(f).sync_fault)) return fault;
    ++state(f).syncs;
    return SQLITE_OK;  // counted only: no test here cuts the power, and the disk is slow
  }
  static int file_size(sqlite3_file* f, sqlite3_int64* size) {
    return methods(f)->xFileSize(real(f), size);
  }
  static int lock(sqlite3_file* f, int kind) { return methods(f)->xLock(real(f), kind); }
  static int unlock(sqlite3_file* f, int kind) { return methods(f)->xUnlock(real(f), kind); }
  static int check_lock(sqlite3_file* f, int* held) {
    return methods(f)->xCheckReservedLock(real(f), held);
  }
  static int control(sqlite3_file* f, int op, void* arg) {
    return methods(f)->xFileControl(real(f), op, arg);
  }
  static int sector(sqlite3_file* f) { return methods(f)->xSectorSize(real(f)); }
  static int device(sqlite3_file* f) { return methods(f)->xDeviceCharacteristics(real(f)); }
  static int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** memory) {
    if (const int fault = state(f).judge(state(f).write_fault); fault && extend) return fault;
    return methods(f)->xShmMap(real(f), page, size, extend, memory);
  }
  static int shm_lock(sqlite3_file* f, int at, int n, int flags) {
    return methods(f)->xShmLock(real(f), at, n, flags);
  }
  static void shm_barrier(sqlite3_file* f) { methods(f)->xShmBarrier(real(f)); }
  static int shm_unmap(sqlite3_file* f, int remove) {
    return methods(f)->xShmUnmap(real(f), remove);
  }
  static int fetch(sqlite3_file*, sqlite3_int64, int, void** to) {
    *to = nullptr;  // no memory mapping: every read can be made to fail
    return SQLITE_OK;
  }
  static int unfetch(sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }

  static constexpr sqlite3_io_methods kMethods{
      3,       close,  read,   write,   truncate, sync,        file_size, lock,  unlock, check_lock,
      control, sector, device, shm_map, shm_lock, shm_barrier, shm_unmap, fetch, unfetch};

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto& owner = *static_cast<State*>(vfs->pAppData);
    file->pMethods = nullptr;
    if (const int fault = owner.judge(owner.open_fault)) return fault;
    auto* made = self(file);
    made->owner = &owner;
    made->real()->pMethods = nullptr;
    const int code = owner.real->xOpen(owner.real, name, made->real(), flags, out);
    if (made->real()->pMethods) file->pMethods = &kMethods;
    return code;
  }
};

}  // namespace

FaultVfs::FaultVfs() : impl_(new Impl) {
  static std::atomic<int> count{0};
  impl_->real = sqlite3_vfs_find(nullptr);
  impl_->name = "fault-" + std::to_string(++count);
  impl_->vfs = *impl_->real;
  impl_->vfs.pNext = nullptr;
  impl_->vfs.zName = impl_->name.c_str();
  impl_->vfs.pAppData = impl_;
  impl_->vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + impl_->real->szOsFile;
  impl_->vfs.xOpen = Calls<Impl>::open;
  sqlite3_vfs_register(&impl_->vfs, 0);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&impl_->vfs);
  delete impl_;
}

const std::string& FaultVfs::name() const noexcept {
  return impl_->name;
}
void FaultVfs::fail_writes(int code) {
  impl_->write_fault = code;
}
void FaultVfs::fail_syncs(int code) {
  impl_->sync_fault = code;
}
void FaultVfs::fail_reads(int code) {
  impl_->read_fault = code;
}
void FaultVfs::fail_opens(int code) {
  impl_->open_fault = code;
}
void FaultVfs::fail_call(int n, int code) {
  impl_->call_fault = code;
  impl_->countdown = n;
}
int FaultVfs::syncs() const {
  return impl_->syncs;
}
int FaultVfs::calls() const {
  return impl_->calls;
}

}  // namespace scena::test
