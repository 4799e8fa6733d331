// What is preloaded into a server: test/hostile/preload.
#pragma once

#include "hostile/preload/faults.hpp"
#include "support/program.hpp"

#include <cstdint>
#include <string>

namespace echosocket::test {

/// What to start a program with so that it has test/hostile/preload/NAME.cpp between itself and the system.
[[nodiscard]] testing::program::environment preloading(const std::string& name);

/// Tells a server with `faults` preloaded which calls fail, and learns which have.
class fault_plan {
public:
    explicit fault_plan(std::uint64_t seed);
    fault_plan(const fault_plan&) = delete;
    fault_plan& operator=(const fault_plan&) = delete;
    ~fault_plan();

    [[nodiscard]] testing::program::environment environment() const;
    [[nodiscard]] faults::shared& operator*() noexcept { return *shared_; }
    [[nodiscard]] faults::shared* operator->() noexcept { return shared_; }

private:
    [[nodiscard]] std::string path() const { return (directory_.path() / "faults").string(); }

    testing::temporary_directory directory_;
    faults::shared* shared_;
};

}  // namespace echosocket::test
