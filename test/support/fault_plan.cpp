#include "support/fault_plan.hpp"

#include "io/listening_socket.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <new>
#include <stdexcept>

namespace echosocket::test {

testing::program::environment preloading(const std::string& name) {
    return {{"LD_PRELOAD", ECHOSOCKET_BINARY_DIR "/preload/" + name + ".so"}};
}

fault_plan::fault_plan(std::uint64_t seed) {
    const net::unique_descriptor file(::open(path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::ftruncate(file.get(), sizeof(faults::shared)) != 0) throw std::runtime_error("no file for faults");
    void* mapped = ::mmap(nullptr, sizeof(faults::shared), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("no memory for faults");
    shared_ = new (mapped) faults::shared{};
    shared_->seed = seed;
}

fault_plan::~fault_plan() {
    ::munmap(shared_, sizeof(faults::shared));
}

testing::program::environment fault_plan::environment() const {
    auto all = preloading("faults");
    all[faults::variable] = path();
    return all;
}

}  // namespace echosocket::test
