using System.Reflection;

string[] packages = ["EventSourcing.Core", "EventSourcing.InMemory", "EventSourcing.PostgreSql", "EventSourcing.Testing"];

foreach (var package in packages)
{
    Console.WriteLine($"{package}: {Assembly.Load(package).GetExportedTypes().First().FullName}");
}
