#include "support/test_resolver.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

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

struct scripted_answers {
    std::vector<std::vector<std::string>> all;
    unsigned lookups = 0;
};

struct script {
    std::mutex mutex;
    std::map<std::string, scripted_answers, std::less<>> names;
};

script& the_script() {
    static auto* const instance = new script;
    return *instance;
}

/// Empty for a name that nobody has scripted.
std::optional<std::vector<std::string>> next_answer(std::string_view name) {
    auto& script = the_script();
    const std::lock_guard lock(script.mutex);
    const auto found = script.names.find(name);
    if (found == script.names.end()) return std::nullopt;
    auto& [all, lookups] = found->second;
    return all[std::min<std::size_t>(lookups++, all.size() - 1)];
}

}  // namespace

scripted_name::scripted_name(std::string name, std::vector<std::vector<std::string>> answers) : name_(std::move(name)) {
    auto& script = the_script();
    const std::lock_guard lock(script.mutex);
    script.names[name_].all = std::move(answers);
}

scripted_name::~scripted_name() {
    auto& script = the_script();
    const std::lock_guard lock(script.mutex);
    script.names.erase(name_);
}

unsigned scripted_name::lookups() const {
    auto& script = the_script();
    const std::lock_guard lock(script.mutex);
    return script.names.at(name_).lookups;
}

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

void hanging_lookups::wait_for(int count) {
    auto& gate = the_gate();
    std::unique_lock lock(gate.mutex);
    gate.changed.wait(lock, [&] { return gate.hanging >= count; });
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
    if (const auto answer = echosocket::test::next_answer(name)) {
        addrinfo numeric = *hints;
        numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        // libc frees each entry of the list by itself, so lists can be joined.
        for (*found = nullptr; const auto& address : *answer) {
            if (const int error = system(address.c_str(), service, &numeric, found)) return error;
            while (*found != nullptr) found = &(*found)->ai_next;
        }
        return 0;
    }
    return system(node, service, hints, found);
}
