#include "support/test_resolver.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string_view>

namespace echosocket::test {
namespace {

struct gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool closed = false;
    int hanging = 0;
};

// Never destroyed: a lookup's thread may still use it.
gate& the_gate() {
    static auto* const instance = new gate;
    return *instance;
}

void hang() {
    auto& gate = the_gate();
    std::unique_lock lock(gate.mutex);
    ++gate.hanging;
    gate.changed.notify_all();
    gate.changed.wait(lock, [&] { return !gate.closed; });
    --gate.hanging;
    gate.changed.notify_all();
}

}  // namespace

hanging_lookups::hanging_lookups() {
    auto& gate = the_gate();
    const std::lock_guard lock(gate.mutex);
    gate.closed = true;
}

hanging_lookups::~hanging_lookups() {
    release();
    auto& gate = the_gate();
    std::unique_lock lock(gate.mutex);
    gate.changed.wait(lock, [&] { return gate.hanging == 0; });
}

void hanging_lookups::wait_for_one() {
    auto& gate = the_gate();
    std::unique_lock lock(gate.mutex);
    gate.changed.wait(lock, [&] { return gate.hanging != 0; });
}

void hanging_lookups::release() {
    auto& gate = the_gate();
    const std::lock_guard lock(gate.mutex);
    gate.closed = false;
    gate.changed.notify_all();
}

}  // namespace echosocket::test

// The program's own definition overrides the one of libc.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
    static const auto system = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    const std::string_view name = node ? node : "";
    if (name == "hanging.test") {
        echosocket::test::hang();
        return EAI_NONAME;
    }
    if (name == "loopback.test") {
        addrinfo any = *hints;
        any.ai_flags &= ~AI_ADDRCONFIG;
        return system(nullptr, service, &any, found);
    }
    return system(node, service, hints, found);
}
