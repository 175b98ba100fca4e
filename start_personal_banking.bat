@echo off
rem Starts the Wekeza Personal Banking demo on Windows: its own Python packages, its own SQLite bank, no server.
cd /d "%~dp0"
set DATABASE_URL=

if not exist .venv\Scripts\python.exe (
    echo Creating the Python environment ...
    py -3 -m venv .venv || python -m venv .venv || goto nopython
)
fc /b requirements\base.txt .venv\installed-base.txt >nul 2>&1
if errorlevel 1 (
    echo Installing Python packages ...
    .venv\Scripts\python.exe -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements\base.txt || goto failed
    copy /y requirements\base.txt .venv\installed-base.txt >nul
)
.venv\Scripts\python.exe manage.py rundemo
if errorlevel 1 goto failed
exit /b 0

:nopython
echo Python 3.11 or newer is needed: https://www.python.org/downloads/
pause
exit /b 1

:failed
echo The portal could not start. The lines above say why.
pause
exit /b 1
