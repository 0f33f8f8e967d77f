using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventSourcing.HealthChecks;

/// <summary>What the check says of projections and reactors.</summary>
public sealed class HealthCheckTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_follows_the_log_is_healthy_and_shown_with_its_place_and_its_owner()
    {
        await using var application = await Application.StartAsync();
        await application.AppendAsync(1, 2);

        var entry = await application.UntilAsync(HealthStatus.Healthy, IsLive);

        entry.Description.Should().Be("All 2 follow the log.");
        entry.Data.Keys.Should().Equal("counts", "mails");
        foreach (var name in entry.Data.Keys)
        {
            var one = entry.Of(name);
            (one.State, one.Position, one.Lag, one.LagSeconds, one.Error, one.DeadLetters).Should().Be(("Live", 2L, 0L, 0d, null, 0L));
            one.Owners.Should().ContainSingle().Which.Should().Contain(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        static bool IsLive(HealthReportEntry entry) => entry.Data.Keys.All(name => entry.Of(name) is { State: "Live", Position: 2 });
    }

    [Fact]
    public async Task What_nobody_runs_is_unhealthy()
    {
        await using var application = new Application();

        var entry = await application.CheckAsync();

        // Its row on the board is made when it first runs.
        entry.Status.Should().Be(HealthStatus.Unhealthy);
        entry.Description.Should().Be("counts does not run; mails does not run");
    }

    [Fact]
    public async Task What_has_stopped_is_unhealthy_until_it_runs_again()
    {
        await using var application = await Application.StartAsync();
        await application.UntilAsync(HealthStatus.Healthy);

        await application.StopAsync();

        var entry = await application.CheckAsync();
        entry.Status.Should().Be(HealthStatus.Unhealthy);
        entry.Description.Should().Be("counts does not run; mails does not run");
        entry.Of("mails").Owners.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_further_behind_than_it_may_is_degraded()
    {
        await using var application = await Application.StartAsync(configure: options => options.MaxLag = TimeSpan.FromMilliseconds(200));
        using var gate = new Gate();
        application.Handling.OnFold = _ => gate.Wait();
        await application.AppendAsync(1, 2);

        var entry = await application.UntilAsync(HealthStatus.Degraded, entry => entry.Of("mails").Lag == 0);

        entry.Description.Should().StartWith("counts is ").And.EndWith("s behind, by 2 positions");
        entry.Of("counts").LagSeconds.Should().BeGreaterThan(0.2);
        gate.Open();
        await application.UntilAsync(HealthStatus.Healthy);
    }

    [Fact]
    public async Task What_is_a_little_behind_is_healthy()
    {
        await using var application = await Application.StartAsync();
        using var gate = new Gate();
        await application.UntilAsync(HealthStatus.Healthy);
        application.Handling.OnFold = _ => gate.Wait();
        await application.AppendAsync(1);

        var entry = await application.CheckAsync();

        (entry.Status, entry.Of("counts").Lag).Should().Be((HealthStatus.Healthy, 1));
        gate.Open();
    }

    [Theory]
    [InlineData("counts")]
    [InlineData("mails")]
    public async Task What_has_failed_is_unhealthy_and_says_why_in_one_line(string name)
    {
        await using var application = await Application.StartAsync();
        application.Handling.OnFold = _ => Fail("counts");
        application.Handling.OnReact = _ => Fail("mails");
        await application.AppendAsync(1);

        var entry = await application.UntilAsync(HealthStatus.Unhealthy, entry => entry.Of(name).State == "Failed");

        entry.Description.Should().Contain($"{name} has failed: ").And.Contain("broken on purpose").And.NotContain(Environment.NewLine);
        entry.Of(name).Error.Should().Contain("broken on purpose").And.NotContain("\n");
        application.Handling.OnFold = application.Handling.OnReact = _ => { };
        await (name == "counts" ? application.Projections.ResumeAsync(name, Cancellation) : application.Reactors.ResumeAsync(name, Cancellation));
        await application.UntilAsync(HealthStatus.Healthy);

        void Fail(string which)
        {
            if (which == name)
            {
                throw new InvalidOperationException("broken on purpose");
            }
        }
    }

    [Fact]
    public async Task What_is_paused_is_degraded_until_it_is_resumed()
    {
        await using var application = await Application.StartAsync();
        await application.UntilAsync(HealthStatus.Healthy);

        await application.Reactors.PauseAsync("mails", Cancellation);

        (await application.UntilAsync(HealthStatus.Degraded)).Description.Should().Be("mails is paused");
        await application.Reactors.ResumeAsync("mails", Cancellation);
        await application.UntilAsync(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Dead_letters_are_degraded_until_they_are_gone()
    {
        await using var application = await Application.StartAsync(onPoison: PoisonAction.Park);
        application.Handling.OnFold = counted => ThrowIf(counted.Number == 2);
        application.Handling.OnReact = counted => ThrowIf(counted.Number > 1);
        await application.AppendAsync(1, 2, 3);

        var entry = await application.UntilAsync(HealthStatus.Degraded, entry => entry.Of("counts").DeadLetters == 1 && entry.Of("mails").DeadLetters == 2);

        entry.Description.Should().MatchRegex("^counts has 1 dead letters, the oldest for .* s; mails has 2 dead letters, the oldest for .* s$");
        foreach (var letter in await application.Reactors.ListDeadLettersAsync("mails", Cancellation))
        {
            await application.Reactors.DiscardDeadLetterAsync(letter, Cancellation);
        }

        foreach (var letter in await application.Projections.ListDeadLettersAsync("counts", Cancellation))
        {
            await application.Projections.DiscardDeadLetterAsync(letter, Cancellation);
        }

        await application.UntilAsync(HealthStatus.Healthy);

        static void ThrowIf(bool isBroken)
        {
            if (isBroken)
            {
                throw new InvalidOperationException("broken on purpose");
            }
        }
    }

    [Fact]
    public async Task Dead_letters_up_to_the_limit_are_healthy()
    {
        await using var application = await Application.StartAsync(onPoison: PoisonAction.Park, configure: options => options.MaxDeadLetters = 1);
        application.Handling.OnReact = _ => throw new InvalidOperationException("broken on purpose");
        await application.AppendAsync(1);
        await application.UntilAsync(HealthStatus.Healthy, entry => entry.Of("mails").DeadLetters == 1);

        await application.AppendAsync(2);

        await application.UntilAsync(HealthStatus.Degraded, entry => entry.Of("mails").DeadLetters == 2);
    }

    [Fact]
    public async Task A_rebuild_is_healthy_whatever_its_lag_and_degraded_when_it_has_failed()
    {
        await using var application = await Application.StartAsync(configure: options => options.MaxLag = TimeSpan.FromMilliseconds(1));
        using var gate = new Gate();
        await application.AppendAsync(1, 2);
        await application.UntilAsync(HealthStatus.Healthy, entry => entry.Of("counts").Position == 2 && entry.Of("mails").Position == 2);
        application.Handling.OnFold = _ =>
        {
            gate.Wait();
            throw new InvalidOperationException("broken on purpose");
        };

        await application.Projections.RebuildAsync("counts", Cancellation);

        var entry = await application.UntilAsync(HealthStatus.Healthy, entry => entry.Data.ContainsKey("counts (building)") && entry.Of("counts (building)").State == "CatchingUp");
        entry.Of("counts").State.Should().Be("Live");
        entry.Of("counts (building)").LagSeconds.Should().BeGreaterThan(0.001);
        gate.Open();
        (await application.UntilAsync(HealthStatus.Degraded, entry => entry.Of("counts (building)").State == "Failed"))
            .Description.Should().StartWith("counts (building) has failed: ");
    }

    [Fact]
    public async Task An_application_without_reactors_or_projections_is_as_healthy_as_its_store()
    {
        await using var nothing = await Application.StartAsync(build => build.UseInMemory());
        (await nothing.CheckAsync()).Status.Should().Be(HealthStatus.Healthy);

        await using var reactor = await Application.StartAsync(build => build.UseInMemory().AddReactor<Mails>());
        (await reactor.UntilAsync(HealthStatus.Healthy)).Data.Keys.Should().Equal("mails");

        await using var view = await Application.StartAsync(build => build.UseInMemory().AddView<Counts, Count>());
        (await view.UntilAsync(HealthStatus.Healthy)).Data.Keys.Should().Equal("counts");
    }

    [Fact]
    public async Task Only_those_asked_for_are_looked_at()
    {
        await using var application = new Application(configure: options => options.Consumers = name => name == "mails");

        (await application.CheckAsync()).Description.Should().Be("mails does not run");
    }

    [Fact]
    public async Task How_bad_it_is_can_be_said_otherwise()
    {
        await using var application = new Application(failureStatus: HealthStatus.Degraded);

        (await application.CheckAsync()).Status.Should().Be(HealthStatus.Degraded);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        var checks = new ServiceCollection().AddHealthChecks();

        checks.Invoking(all => all.AddEventSourcing(options => options.MaxLag = TimeSpan.Zero)).Should().Throw<ArgumentOutOfRangeException>();
        checks.Invoking(all => all.AddEventSourcing(options => options.MaxDeadLetters = -1)).Should().Throw<ArgumentOutOfRangeException>();
        checks.Invoking(all => all.AddEventSourcing(options => options.PausedStatus = (HealthStatus)7)).Should().Throw<ArgumentOutOfRangeException>();
    }

    /// <summary>Holds handlers up; a test that fails lets them go, so that its application can end.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly TaskCompletionSource opened = new();

        public void Wait() => opened.Task.Wait();

        public void Open() => opened.TrySetResult();

        public void Dispose() => Open();
    }
}
