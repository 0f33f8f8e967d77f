using System.Text.Json;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace EventSourcing.Benchmarks;

/// <summary>Runs the micro benchmarks, in this process, and prints one JSON object for each.</summary>
internal static class MicroBenchmarks
{
    public static void Run()
    {
        // What BenchmarkDotNet has to say goes where people look, not where programs read.
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(new StreamLogger(Console.Error as StreamWriter ?? new StreamWriter(Console.OpenStandardError()) { AutoFlush = true }))
            .WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "eventsourcing-micro"));
        foreach (var type in new[] { typeof(SerializerBenchmarks), typeof(PersonalDataBenchmarks), typeof(DispatchBenchmarks), typeof(InMemoryBenchmarks) })
        {
            foreach (var report in BenchmarkRunner.Run(type, config).Reports)
            {
                var mean = report.ResultStatistics?.Mean ?? throw new InvalidOperationException($"{report.BenchmarkCase.DisplayInfo} gave no result.");
                Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
                {
                    ["scenario"] = "micro",
                    ["benchmark"] = $"{type.Name[..^"Benchmarks".Length]}.{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}",
                    ["opsPerSec"] = Math.Round(1e9 / mean, 1),
                    ["meanNs"] = Math.Round(mean, 1),
                    ["errorNs"] = Math.Round(report.ResultStatistics!.StandardError, 1),
                    ["allocatedBytesPerOp"] = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase),
                }));
            }
        }
    }
}
